import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { paced, refreshed } from "./pace.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("what is paced", () => {
  it("is done at once, then once for all that was asked meanwhile", () => {
    const act = vi.fn();
    const ask = paced(act, 100);
    ask();
    ask();
    ask();
    expect(act).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(100);
    expect(act).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(1_000);
    expect(act).toHaveBeenCalledTimes(2);
  });
});

describe("what is refreshed", () => {
  it("is loaded one at a time, and now and then without being asked", async () => {
    let done = () => {};
    const load = vi.fn(() => new Promise<void>((resolve) => (done = resolve)));
    const ask = refreshed(load, 100, 1_000);
    ask();
    ask();
    await vi.advanceTimersByTimeAsync(500);
    expect(load).toHaveBeenCalledTimes(1);
    done();
    await vi.advanceTimersByTimeAsync(100);
    expect(load).toHaveBeenCalledTimes(2);
    done();
    await vi.advanceTimersByTimeAsync(900);
    expect(load).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(200);
    expect(load).toHaveBeenCalledTimes(3);
  });
});
