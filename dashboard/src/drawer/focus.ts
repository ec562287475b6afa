// Keeping the focus in a panel while it is open, and giving it back after.

const REACHABLE = 'a[href], button:not([disabled]), input, select, [tabindex="0"]';

/** Makes Tab go round inside the panel. */
export function keepInside(panel: HTMLElement, event: KeyboardEvent): void {
  if (event.key !== "Tab") return;
  const stops = [...panel.querySelectorAll<HTMLElement>(REACHABLE)].filter((stop) => stop.offsetParent !== null);
  const [first, last] = [stops[0], stops.at(-1)];
  if (!first || !last) return;
  if (event.shiftKey && (document.activeElement === first || document.activeElement === panel)) {
    last.focus();
    event.preventDefault();
  } else if (!event.shiftKey && document.activeElement === last) {
    first.focus();
    event.preventDefault();
  }
}

/** Remembers what has the focus; the result gives it back, or to the bay if that is gone. */
export function focusKeeper(): (bay: string) => void {
  const before = document.activeElement;
  return (bay) => {
    const opener = before?.isConnected && before !== document.body ? before : bayElement(bay);
    if (opener instanceof HTMLElement || opener instanceof SVGElement) opener.focus();
  };
}

const bayElement = (bay: string) => document.querySelector(`[data-bay="${CSS.escape(bay)}"]`);
