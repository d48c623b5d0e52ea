package dev.sheaf.cli.receive;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Lets through the pack of a git bundle: what is behind the first empty line. */
final class BundleBody extends FilterOutputStream {
  private boolean inHeader = true;
  private boolean atStartOfLine;

  BundleBody(OutputStream pack) {
    super(pack);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) throws IOException {
    int at = offset;
    int end = offset + count;
    while (inHeader && at < end) {
      boolean endOfLine = bytes[at++] == '\n';
      inHeader = !(endOfLine && atStartOfLine);
      atStartOfLine = endOfLine;
    }
    out.write(bytes, at, end - at);
  }
}
