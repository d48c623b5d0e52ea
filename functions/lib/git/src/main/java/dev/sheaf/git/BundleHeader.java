package dev.sheaf.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.eclipse.jgit.errors.InvalidObjectIdException;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * What stands before the pack in a git bundle of version 2 or 3 (gitformat-bundle(5)).
 *
 * @param version 2 or 3
 * @param prerequisites commits that whoever takes the bundle must have, with all that they reach
 * @param head where HEAD pointed; null where the bundle does not say
 * @param refs the refs that it carries, in its order
 */
public record BundleHeader(
    int version, List<ObjectId> prerequisites, @Nullable ObjectId head, List<Ref> refs) {
  /** The longest header, in bytes: some 300,000 refs. */
  public static final int MAX_BYTES = 32 << 20;

  private static final int ID = 40;

  public BundleHeader {
    prerequisites = List.copyOf(prerequisites);
    refs = List.copyOf(refs);
  }

  /** A ref and the object that it points to. */
  public record Ref(RefName name, ObjectId target) {}

  /** How many bytes tell whether a file is a git bundle. */
  public static final int FIRST_BYTES = 16;

  /** Whether a file that begins with these {@link #FIRST_BYTES} is a git bundle. */
  public static boolean isGitBundle(byte[] first) {
    return versionOf(firstLine(first)) != 0;
  }

  private static String firstLine(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = text.indexOf('\n');
    return end < 0 ? "" : text.substring(0, end);
  }

  private static int versionOf(String line) {
    for (int version = 2; version <= 3; version++) {
      if (line.equals("# v%d git bundle".formatted(version))) {
        return version;
      }
    }
    return 0;
  }

  /**
   * Reads a header and nothing behind it: the next byte of the stream is the pack's first.
   *
   * @param in read byte by byte: buffer it
   * @throws SheafException INVALID for what is no header, a format of ids other than SHA-1, a
   *     filter, or a ref whose name git would not accept; TOO_LARGE
   * @throws IOException as the stream throws it
   */
  public static BundleHeader read(InputStream in) throws IOException {
    Lines lines = new Lines(in);
    int version = versionOf(text(lines.next()));
    if (version == 0) {
      throw invalid("it does not begin with '# v2 git bundle' or '# v3 git bundle'");
    }
    List<ObjectId> prerequisites = new ArrayList<>();
    List<Ref> refs = new ArrayList<>();
    ObjectId head = null;
    for (byte[] line = lines.next(); line.length > 0; line = lines.next()) {
      if (line[0] == '@' && version == 3) {
        requireKnown(text(line).substring(1));
      } else if (line[0] == '-') {
        prerequisites.add(id(line, 1));
      } else if (isPseudoRef(line)) {
        head = text(line).substring(ID + 1).equals("HEAD") ? id(line, 0) : head;
      } else {
        refs.add(ref(line));
      }
    }
    return new BundleHeader(version, prerequisites, head, refs);
  }

  private static void requireKnown(String capability) {
    if (capability.startsWith("filter=")) {
      throw invalid("it is partial (%s); make one without --filter".formatted(capability));
    }
    if (!capability.equals("object-format=sha1")) {
      throw invalid(
          "it asks for '%s'; repositories here have SHA-1 ids, and no other extension is known"
              .formatted(RefName.shown(capability.getBytes(StandardCharsets.ISO_8859_1))));
    }
  }

  /** HEAD, FETCH_HEAD and their like, which {@code git bundle create} carries when told to. */
  private static boolean isPseudoRef(byte[] line) {
    return line.length > ID && text(line).substring(ID).matches(" [A-Z_]+");
  }

  private static Ref ref(byte[] line) {
    if (line.length < ID + 2 || line[ID] != ' ') {
      throw invalid("its line '%s' names no ref".formatted(RefName.shown(line)));
    }
    return new Ref(RefName.ofBytes(Arrays.copyOfRange(line, ID + 1, line.length)), id(line, 0));
  }

  private static ObjectId id(byte[] line, int from) {
    boolean alone = line.length == from + ID || (line.length > from + ID && line[from + ID] == ' ');
    if (!alone) {
      throw invalid("its line '%s' has no SHA-1 id".formatted(RefName.shown(line)));
    }
    try {
      return ObjectId.fromString(line, from);
    } catch (InvalidObjectIdException e) {
      throw invalid("its line '%s' has no SHA-1 id".formatted(RefName.shown(line)));
    }
  }

  private static String text(byte[] line) {
    return new String(line, StandardCharsets.ISO_8859_1);
  }

  private static SheafException invalid(String why) {
    return new SheafException(ErrorKind.INVALID, "not a git bundle that can be taken: " + why);
  }

  /** Lines without their ends. */
  private static final class Lines {
    private final InputStream in;
    private int read;

    Lines(InputStream in) {
      this.in = in;
    }

    byte[] next() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream(80);
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0) {
          throw invalid("it ends within its header");
        }
        if (++read > MAX_BYTES) {
          throw new SheafException(
              ErrorKind.TOO_LARGE,
              "the header of a git bundle may have %d bytes; push fewer refs at a time"
                  .formatted(MAX_BYTES));
        }
        line.write(c);
      }
      return line.toByteArray();
    }
  }
}
