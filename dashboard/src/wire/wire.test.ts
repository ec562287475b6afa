import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import { settle } from "./clock.ts";
import { gunzipJson } from "./gunzip.ts";
import { csvUrl, getHistory, getSession, query } from "./rest.ts";

afterEach(() => void vi.unstubAllGlobals());

describe("gunzip", () => {
  it("gives what was packed", async () => {
    const packed = new Uint8Array(gzipSync(JSON.stringify({ sessions: [], ended: [] })));
    expect(await gunzipJson(packed)).toEqual({ sessions: [], ended: [] });
  });
});

describe("the gateway's clock", () => {
  it("is known best from the quickest pulse", () => {
    expect(settle(null, -400)).toBe(-400);
    expect(settle(-400, -20)).toBe(-20);
    expect(settle(-20, -400)).toBeCloseTo(-39);
    expect(settle(0, -60_000)).toBe(-60_000);
  });
});

describe("REST", () => {
  it("puts into the address what is set", () => {
    expect(query({ plate: "51A 1", location: "", from: 0, to: undefined, cursor: null })).toBe("?plate=51A+1&from=0");
    expect(csvUrl({})).toBe("/api/v2/history.csv");
    expect(csvUrl({ status: "TIMEOUT" })).toBe("/api/v2/history.csv?status=TIMEOUT");
  });

  it("gives the answer", async () => {
    const fetch = vi.fn(async () => Response.json({ sessions: [], next: null }));
    vi.stubGlobal("fetch", fetch);
    expect(await getHistory({ limit: 5 })).toEqual({ ok: true, value: { sessions: [], next: null } });
    expect(fetch).toHaveBeenCalledWith("/api/v2/history?limit=5", expect.anything());
  });

  it("gives the gateway's refusal, or that there is none", async () => {
    vi.stubGlobal("fetch", async () => Response.json({ error: "unknown session" }, { status: 404 }));
    const problem = { kind: "refused", status: 404, error: "unknown session" };
    expect(await getSession("x")).toEqual({ ok: false, problem });
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("Failed to fetch")));
    expect(await getSession("x")).toEqual({ ok: false, problem: { kind: "unreachable" } });
  });
});
