package dev.sheaf.bundleindex;

import dev.sheaf.repository.intake.Phase;
import dev.sheaf.repository.intake.PhaseClock;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A bundle's stream, whose waiting is accounted to {@link Phase#FETCH_BUNDLE}. */
final class TimedInput extends FilterInputStream {
  private final PhaseClock clock;

  TimedInput(InputStream in, PhaseClock clock) {
    super(in);
    this.clock = clock;
  }

  @Override
  public int read() throws IOException {
    return clock.<Integer, IOException>in(Phase.FETCH_BUNDLE, super::read);
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    return clock.<Integer, IOException>in(
        Phase.FETCH_BUNDLE, () -> super.read(buffer, offset, length));
  }
}
