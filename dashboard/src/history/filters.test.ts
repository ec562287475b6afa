import { describe, expect, it } from "vitest";
import { filled, toQuery } from "./filters.ts";

describe("the filters of the history", () => {
  it("are asked of the gateway in unix seconds", () => {
    const filters = {
      plate: " 51A ",
      location: "A7",
      status: "TIMEOUT",
      from: "2026-01-31T15:15",
      to: "2026-01-31T16:15",
    };
    expect(toQuery(filters, "Asia/Ho_Chi_Minh")).toEqual({
      plate: "51A",
      location: "A7",
      status: "TIMEOUT",
      from: 1_769_847_300,
      to: 1_769_850_900,
    });
  });

  it("leave out what makes no sense", () => {
    const nothing = { plate: undefined, location: undefined, status: undefined, from: undefined, to: undefined };
    expect(toQuery({ status: "LOST", from: "soon" }, "UTC")).toEqual(nothing);
  });

  it("leave out what is empty", () => {
    expect(filled({ plate: "", location: " ", status: "CLOSED" })).toEqual({ status: "CLOSED" });
  });
});
