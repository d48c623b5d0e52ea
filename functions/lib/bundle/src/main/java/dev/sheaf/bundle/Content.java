package dev.sheaf.bundle;

import java.io.IOException;
import java.io.InputStream;

/** Bytes of a known length that can be read any number of times, from memory or from a file. */
public sealed interface Content permits BytesContent, FileContent {
  /** Length in bytes. */
  long size();

  /** A new stream from the first byte; the caller closes it. */
  InputStream open() throws IOException;

  /** The bytes in memory. The array is shared, not copied: callers must not write to it. */
  static Content of(byte[] bytes) {
    return new BytesContent(bytes);
  }
}
