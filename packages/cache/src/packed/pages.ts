/**
 * A buffer with pages of its own, which the system gets back as soon as it is freed: that is how V8 makes a buffer that could be resized.
 * Of what comes from the C library's heap, as `Buffer.allocUnsafeSlow` does, glibc gives back little.
 */
export function pageBuffer(sizeBytes: number): Buffer {
  // TypeScript's library knows the second argument from ES2024 on.
  const pages = Reflect.construct(ArrayBuffer, [sizeBytes, { maxByteLength: sizeBytes }]) as ArrayBuffer;
  return Buffer.from(pages, 0, sizeBytes);
}
