import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Sequence } from "./sequence.ts";

const fail = (error: unknown) => {
  throw error;
};

describe("a sequence", () => {
  it("delivers in order, however long each takes to unpack", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(fc.boolean(), { maxLength: 20 }), async (scheduler, slow) => {
        const got: number[] = [];
        const sequence = new Sequence<number>((value) => got.push(value), fail);
        slow.forEach((isSlow, index) => sequence.push(isSlow ? scheduler.schedule(Promise.resolve(index)) : index));
        await scheduler.waitAll();
        await new Promise((resolve) => setTimeout(resolve));
        expect(got).toEqual(slow.map((_, index) => index));
      }),
      { numRuns: 50 },
    );
  });

  it("does not wait when nothing is being unpacked", () => {
    const got: number[] = [];
    new Sequence<number>((value) => got.push(value), fail).push(1);
    expect(got).toEqual([1]);
  });

  it("forgets what waits when it is cleared", async () => {
    const got: number[] = [];
    const sequence = new Sequence<number>((value) => got.push(value), fail);
    sequence.push(Promise.resolve(1));
    sequence.push(2);
    sequence.clear();
    sequence.push(Promise.resolve(3));
    await new Promise((resolve) => setTimeout(resolve));
    expect(got).toEqual([3]);
  });

  it("tells of what cannot be unpacked", async () => {
    const failures: unknown[] = [];
    const sequence = new Sequence<number>(
      () => {},
      (error) => failures.push(error),
    );
    sequence.push(Promise.reject(new Error("no gzip")));
    await new Promise((resolve) => setTimeout(resolve));
    expect(failures).toEqual([new Error("no gzip")]);
  });
});
