/**
 * A buffer with pages of its own, which the system gets back as soon as it is freed: that is how V8 makes a buffer that could be resized.
 * Of what comes from the C library's heap, as `Buffer.allocUnsafeSlow` does, glibc gives back little.
 */
export function pageBuffer(sizeBytes: number): Buffer {
  return Buffer.from(new ArrayBuffer(sizeBytes, { maxByteLength: sizeBytes }), 0, sizeBytes);
}
