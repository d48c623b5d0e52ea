package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A namespace and the keys of its objects.
 *
 * <p>Everything lies under {@code .metadata/<name>/}, for the root namespace (the empty name) under
 * {@code .metadata/.root/}; only the state that an older format left behind is beside it, in {@code
 * .metadata/<name>.json}. Names go into keys as they are, without any escaping.
 */
public record Namespace(String name) {
  /** Under this prefix lies all that journals keep. */
  public static final String PREFIX = ".metadata/";

  private static final Pattern VALID = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_-]*");
  private static final String ROOT_DIRECTORY = ".root";
  private static final String SEGMENT = "segment-";
  private static final String ROLLUP = "rollup.json";
  private static final String SUFFIX = ".json";

  /**
   * The namespace of this name, which new data may be written to.
   *
   * @throws SheafException of kind INVALID unless the name is empty or letters, digits, {@code _}
   *     and {@code -} after a letter or digit
   */
  public static Namespace of(String name) {
    if (!isValid(name)) {
      throw new SheafException(
          ErrorKind.INVALID,
          "not a namespace name: '"
              + name
              + "'; use letters, digits, '_' and '-', beginning with a letter or digit, or the"
              + " empty name for the root");
    }
    return new Namespace(name);
  }

  /** A namespace that a bucket holds already, whatever it is called. */
  public static Namespace existing(String name) {
    return new Namespace(name);
  }

  /** Whether {@link #of} would accept the name. */
  public static boolean isValid(String name) {
    return name.isEmpty() || VALID.matcher(name).matches();
  }

  /** The namespace whose {@link #directory} this is; empty for a key that is none. */
  public static Optional<Namespace> ofDirectory(String directory) {
    if (!directory.startsWith(PREFIX)
        || !directory.endsWith("/")
        || directory.length() < PREFIX.length() + 2) {
      return Optional.empty();
    }
    String name = directory.substring(PREFIX.length(), directory.length() - 1);
    return Optional.of(new Namespace(name.equals(ROOT_DIRECTORY) ? "" : name));
  }

  /** The namespace whose segment, rollup or legacy state has this key; empty for other keys. */
  public static Optional<Namespace> ofKey(String key) {
    if (!key.startsWith(PREFIX)) {
      return Optional.empty();
    }
    int segment = key.indexOf("/" + SEGMENT, PREFIX.length()); // whatever follows, even a slash
    if (segment >= 0) {
      return ofDirectory(key.substring(0, segment + 1));
    }
    String name = key.substring(PREFIX.length());
    if (name.endsWith("/" + ROLLUP)) {
      return ofDirectory(key.substring(0, key.length() - ROLLUP.length()));
    }
    boolean legacy =
        name.endsWith(SUFFIX) && !name.contains("/") && !name.equals(ROOT_DIRECTORY + SUFFIX);
    return legacy
        ? Optional.of(new Namespace(name.substring(0, name.length() - SUFFIX.length())))
        : Optional.empty();
  }

  /** Where segments and rollup lie; ends with a slash. */
  public String directory() {
    return PREFIX + (name.isEmpty() ? ROOT_DIRECTORY : name) + "/";
  }

  /** Everything listed under this prefix is a segment. */
  public String segmentPrefix() {
    return directory() + SEGMENT;
  }

  /** The key of a segment, from the name that marks and order know it by. */
  public String segmentKey(String segment) {
    return directory() + segment;
  }

  /** The name of a listed segment: its key without the directory. */
  public String segmentName(String key) {
    return key.substring(directory().length());
  }

  /** The name of a new segment. */
  static String newSegment(String uuid) {
    return SEGMENT + uuid + SUFFIX;
  }

  /** The key of the folded state. */
  public String rollupKey() {
    return directory() + ROLLUP;
  }

  /** The key of the state that an older format left; read once, never written. */
  public String legacyKey() {
    return PREFIX + name + SUFFIX;
  }

  /** The name as an error message shows it. */
  @Override
  public String toString() {
    return name.isEmpty() ? "(root)" : name;
  }
}
