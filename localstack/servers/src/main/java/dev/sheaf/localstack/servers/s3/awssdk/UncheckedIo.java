package dev.sheaf.localstack.servers.s3.awssdk;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Calls that fail with an {@link IOException}, for an interface that has none. */
final class UncheckedIo {
  private UncheckedIo() {}

  interface Call<T> {
    T run() throws IOException;
  }

  static <T> T io(Call<T> call) {
    try {
      return call.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
