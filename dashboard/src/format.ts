// Numbers, times and money as people of a language write them, in the lot's time zone and currency. Pure.

export interface Place {
  language: string;
  timeZone: string;
  currency: string;
}

export interface Format {
  number(value: number): string;
  decimal(value: number): string;
  money(amount: number): string;
  /** "14:05" */
  hour(unix: number): string;
  /** "14:05:31" */
  time(unix: number): string;
  /** "31 Jan, 14:05" */
  moment(unix: number): string;
}

export function formatFor({ language, timeZone, currency }: Place): Format {
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const decimal = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  // Amounts are whole units, also of a currency that has smaller ones.
  const money = new Intl.NumberFormat(language, { style: "currency", currency, maximumFractionDigits: 0 });
  const times = (options: Intl.DateTimeFormatOptions) => {
    const made = new Intl.DateTimeFormat(language, { ...options, timeZone, hourCycle: "h23" });
    return (unix: number) => made.format(unix * 1000);
  };
  return {
    number: (value) => whole.format(value),
    decimal: (value) => decimal.format(value),
    money: (amount) => money.format(amount),
    hour: times({ hour: "2-digit", minute: "2-digit" }),
    time: times({ hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    moment: times({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }),
  };
}

const two = (value: number) => String(value).padStart(2, "0");

/** A running duration: "12:34", "1:05:00". */
export function ticking(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export type Duration =
  | { unit: "seconds"; seconds: number }
  | { unit: "minutes"; minutes: number }
  | { unit: "hours"; hours: number; minutes: string }
  | { unit: "days"; days: number; hours: number };

/** The parts in which a duration is told: the two greatest are enough. */
export function durationParts(seconds: number): Duration {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return { unit: "seconds", seconds: whole };
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return { unit: "minutes", minutes };
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return { unit: "hours", hours, minutes: two(minutes % 60) };
  return { unit: "days", days: Math.floor(hours / 24), hours: hours % 24 };
}

/** A plate as it is searched: whatever case, dashes, dots and spaces. */
export const plateKey = (plate: string) => plate.toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");
