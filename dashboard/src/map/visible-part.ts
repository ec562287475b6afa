/** The stretch of an element that can be seen, in its own coordinates: cut off by the window and by what scrolls it. */
export function visiblePart(element: Element): { top: number; bottom: number } {
  const box = element.getBoundingClientRect();
  const frame = element.parentElement!.getBoundingClientRect();
  const top = Math.max(0, frame.top);
  const bottom = Math.min(innerHeight, frame.bottom);
  return { top: top - box.top, bottom: bottom - box.top };
}
