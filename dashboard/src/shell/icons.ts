/** Outlines on a field of 24 by 24, drawn as strokes. */
export const ICONS = {
  close: "M6 6 L18 18 M18 6 L6 18",
  pause: "M9 6 V18 M15 6 V18",
  play: "M8 5.5 L18 12 L8 18.5 Z",
  in: "M4 12 H14 M10 8 L14 12 L10 16 M14 5 H19 V19 H14",
  out: "M9 12 H20 M16 8 L20 12 L16 16 M9 5 H4 V19 H9",
  search: "M16 10.5 A5.5 5.5 0 1 1 5 10.5 A5.5 5.5 0 1 1 16 10.5 Z M14.5 14.5 L20 20",
  wall: "M3.5 5 H20.5 V16 H3.5 Z M8 20 H16 M12 16 V20",
  auto: "M12 4 A8 8 0 1 0 12 20 A8 8 0 1 0 12 4 Z M12 4 V20 M15 6 V18 M18 8.5 V15.5",
  light:
    "M12 8 A4 4 0 1 0 12 16 A4 4 0 1 0 12 8 Z M12 2.5 V4.5 M12 19.5 V21.5 M2.5 12 H4.5 M19.5 12 H21.5 M5.3 5.3 L6.7 6.7 " +
    "M17.3 17.3 L18.7 18.7 M5.3 18.7 L6.7 17.3 M17.3 6.7 L18.7 5.3",
  dark: "M19.5 14.5 A8 8 0 0 1 9.5 4.5 A8 8 0 1 0 19.5 14.5 Z",
  bell: "M6 17 V11 A6 6 0 0 1 18 11 V17 L19.5 18.5 H4.5 Z M10 21 H14",
  "bell-off": "M6 17 V11 A6 6 0 0 1 16 6.5 M18 11 V17 L19.5 18.5 H7.5 M10 21 H14 M4 4 L20 20",
  download: "M12 4 V15 M7.5 10.5 L12 15 L16.5 10.5 M5 19.5 H19",
  warning: "M12 4 L21 19.5 H3 Z M12 10 V14 M12 16.5 V17.2",
} as const;
