/** What the slabs of one state hold. */
export interface Tally {
  /** Bytes of all slabs, compressed ones as they are held. */
  sizeBytes: number;
  /** Bytes of the objects that are part of the state. */
  liveBytes: number;
  slabs: number;
  /** Of these, how many are compressed. */
  compressedSlabs: number;
}

/** What storages that followed one another by `empty` have done. */
export interface Work {
  decodes: number;
}
