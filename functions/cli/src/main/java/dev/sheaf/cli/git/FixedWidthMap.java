package dev.sheaf.cli.git;

import java.util.Arrays;

/**
 * A map from keys of one length to values of one length in a single array: tens of millions of ids
 * cost their bytes and little more. Keys must be hashes: their first four bytes place them. Not
 * thread-safe.
 */
public final class FixedWidthMap {
  private final int keyLength;
  private final int slotLength;
  private byte[] slots;
  private boolean[] used;
  private int size;

  /**
   * @param keyLength bytes of a key, at least 4
   * @param valueLength bytes of a value, may be 0
   */
  public FixedWidthMap(int keyLength, int valueLength) {
    this.keyLength = keyLength;
    this.slotLength = keyLength + valueLength;
    this.used = new boolean[1024];
    this.slots = new byte[used.length * slotLength];
  }

  /** Number of keys. */
  public int size() {
    return size;
  }

  /** Whether there is a value for this key. */
  public boolean contains(byte[] key) {
    return used[slot(key, 0)];
  }

  /**
   * Copies a key's value.
   *
   * @return false, with nothing copied, when there is none
   */
  public boolean get(byte[] key, byte[] value) {
    int slot = slot(key, 0);
    if (used[slot]) {
      System.arraycopy(slots, slot * slotLength + keyLength, value, 0, slotLength - keyLength);
    }
    return used[slot];
  }

  /**
   * Sets a key's value.
   *
   * @return whether the key is new
   */
  public boolean put(byte[] key, byte[] value) {
    if (2 * (size + 1) > used.length + used.length / 4) {
      grow();
    }
    int slot = slot(key, 0);
    boolean isNew = !used[slot];
    size += isNew ? 1 : 0;
    used[slot] = true;
    System.arraycopy(key, 0, slots, slot * slotLength, keyLength);
    System.arraycopy(value, 0, slots, slot * slotLength + keyLength, slotLength - keyLength);
    return isNew;
  }

  private int slot(byte[] source, int at) {
    int hash =
        (source[at] & 0xff) << 24
            | (source[at + 1] & 0xff) << 16
            | (source[at + 2] & 0xff) << 8
            | (source[at + 3] & 0xff);
    int slot = (hash ^ hash >>> 16) & (used.length - 1);
    while (used[slot] && !matches(slot, source, at)) {
      slot = slot + 1 & (used.length - 1);
    }
    return slot;
  }

  private boolean matches(int slot, byte[] source, int at) {
    int start = slot * slotLength;
    return Arrays.equals(slots, start, start + keyLength, source, at, at + keyLength);
  }

  private void grow() {
    byte[] oldSlots = slots;
    boolean[] oldUsed = used;
    used = new boolean[Math.multiplyExact(oldUsed.length, 2)];
    slots = new byte[Math.multiplyExact(used.length, slotLength)];
    for (int i = 0; i < oldUsed.length; i++) {
      if (oldUsed[i]) {
        int slot = slot(oldSlots, i * slotLength);
        used[slot] = true;
        System.arraycopy(oldSlots, i * slotLength, slots, slot * slotLength, slotLength);
      }
    }
  }
}
