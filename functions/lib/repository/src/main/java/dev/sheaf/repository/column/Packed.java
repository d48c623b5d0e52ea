package dev.sheaf.repository.column;

import com.github.luben.zstd.Zstd;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.msgpack.Msgpack;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The form of encoded columns: a byte that says how the rest is compressed, then a MessagePack
 * list.
 */
public final class Packed {
  private static final byte PLAIN = 0;
  private static final byte ZSTD = 1;
  private static final int LEVEL = 3;

  /** Below, compression gains nothing. */
  private static final int WORTH_COMPRESSING = 128;

  private Packed() {}

  public static byte[] encode(List<? extends @Nullable Object> values) {
    byte[] plain = Msgpack.encode(values);
    if (plain.length >= WORTH_COMPRESSING) {
      byte[] frame = Zstd.compress(plain, LEVEL);
      if (frame.length < plain.length) {
        return tagged(ZSTD, frame);
      }
    }
    return tagged(PLAIN, plain);
  }

  /**
   * @param what names the row, for the error
   * @throws SheafException of kind CORRUPT when the bytes are not what {@link #encode} makes
   */
  public static List<?> decode(byte[] column, String what) {
    try {
      byte[] body = Arrays.copyOfRange(column, 1, column.length);
      byte[] plain =
          column[0] == ZSTD ? Zstd.decompress(body, (int) Zstd.getFrameContentSize(body)) : body;
      if (Msgpack.decode(plain) instanceof List<?> values) {
        return values;
      }
    } catch (RuntimeException e) {
      throw corrupt(what, e);
    }
    throw corrupt(what, null);
  }

  private static byte[] tagged(byte tag, byte[] body) {
    byte[] column = new byte[body.length + 1];
    column[0] = tag;
    System.arraycopy(body, 0, column, 1, body.length);
    return column;
  }

  private static SheafException corrupt(String what, @Nullable Throwable cause) {
    return new SheafException(
        ErrorKind.CORRUPT, what + " cannot be decoded; restore it from a backup", cause);
  }
}
