package dev.sheaf.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.ObjectStore.Download;
import dev.sheaf.storage.ObjectStore.PutResult;
import dev.sheaf.storage.ObjectStore.Read;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/** What the contracts of an {@link ObjectStore}, one for each kind of operation, are asked of. */
public interface StoreUnderTest {
  /** On a bucket that was empty; it accepts ranges behind the end of an object. */
  ObjectStore store();

  default PutResult put(String key, byte[] bytes) {
    return put(key, Content.of(bytes), null, Condition.ALWAYS);
  }

  default PutResult put(String key, Content content, @Nullable ContentId id, Condition condition) {
    return store().put(key, content, id, condition, "application/octet-stream");
  }

  default byte[] read(String key, Read read) {
    try (Download download = store().get(key, read).orElseThrow()) {
      return download.body().readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String written(PutResult result) {
    assertThat(result).isInstanceOf(PutResult.Written.class);
    return ((PutResult.Written) result).etag();
  }

  /** Bytes that are not alike at any two near places. */
  static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (i * 31 + i / 251 + size % 1_000);
    }
    if (size > 0) {
      bytes[0] = 7;
    }
    return bytes;
  }

  static ContentId sha256(byte[] bytes) {
    try {
      return ContentId.ofBytes(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
