/** Unpacks the gzip bytes beside a page of a snapshot. */
export async function gunzipJson<T>(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<T> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return (await new Response(stream).json()) as T;
}
