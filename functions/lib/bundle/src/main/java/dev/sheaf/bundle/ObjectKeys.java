package dev.sheaf.bundle;

import org.jspecify.annotations.Nullable;

/**
 * Every key in the bucket (architecture.md, "Keys in the bucket"). No other class builds or takes
 * apart a key.
 */
public final class ObjectKeys {
  /** Where uploads arrive: {@code bundles/<owner>/<repo>/<sha256>}. */
  public static final String BUNDLES = "bundles/";

  /** Where objects live: {@code objects/<aa>/<sha256>}. */
  public static final String OBJECTS = "objects/";

  /** Prepared answers of large fetches: {@code packs/<sha256>}. */
  public static final String PACKS = "packs/";

  /** The repositories that everybody may read: one object. */
  public static final String PUBLIC_REPOS = "site/public-repos";

  /**
   * Where the muse client's objects wait, unproven, for the push that names them: {@code
   * incoming/<owner>/<repo>/<sha256>}. Whatever no push takes from there expires.
   */
  public static final String INCOMING = "incoming/";

  /**
   * The key of an object, with <code>{aa}</code> for the first two digits of its id and <code>{id}
   * </code> for all of them: for statements that make the keys of many objects in the database.
   */
  public static final String OBJECT_TEMPLATE = OBJECTS + "{aa}/{id}";

  /** Bundles that stand for many small ones: {@code merged/<owner>/<repo>/<sha256>}. */
  public static final String MERGED = "merged/";

  /** What repair writes down of each repository: {@code repos/<owner>/<repo>.json}. */
  public static final String RECORDS = "repos/";

  /**
   * What repair has read and found damaged lies here before it is deleted where it was: {@code
   * damaged/<key>}. It may be the last that there is of it; after a while it expires.
   */
  public static final String DAMAGED = "damaged/";

  /**
   * What has come of large blobs that are being copied from other sites: {@code
   * copies/<sha256>/<source>/<number>}. Whatever nobody goes on with expires.
   */
  public static final String COPIES = "copies/";

  private static final String RECORD_END = ".json";

  private ObjectKeys() {}

  /** The key of a repository's record. */
  public static String record(String owner, String repo) {
    return RECORDS + owner + "/" + repo + RECORD_END;
  }

  /** Whether a key is that of a repository's record. */
  public static boolean isRecord(String key) {
    String[] parts = key.split("/", -1);
    return parts.length == 3
        && key.startsWith(RECORDS)
        && key.endsWith(RECORD_END)
        && isName(parts[1])
        && isPlace(parts[2].substring(0, parts[2].length() - RECORD_END.length()));
  }

  /** The key of an object. */
  public static String object(ContentId id) {
    String hex = id.hex();
    return OBJECTS + hex.substring(0, 2) + "/" + hex;
  }

  /** The key of an uploaded bundle. */
  public static String bundle(String owner, String repo, ContentId bundle) {
    return bundlesOf(owner, repo) + bundle.hex();
  }

  /** What the keys of a repository's bundles begin with. */
  public static String bundlesOf(String owner, String repo) {
    return BUNDLES + owner + "/" + repo + "/";
  }

  /** The key of an object that a repository was sent and that no push has taken in yet. */
  public static String incoming(String owner, String repo, ContentId id) {
    return incomingOf(owner, repo) + id.hex();
  }

  /** What the keys begin with of objects that a repository was sent and that wait for a push. */
  public static String incomingOf(String owner, String repo) {
    return INCOMING + owner + "/" + repo + "/";
  }

  /** The key of a bundle that stands for many small ones. */
  public static String merged(String owner, String repo, ContentId merged) {
    return mergedOf(owner, repo) + merged.hex();
  }

  /** What the keys of a repository's merged bundles begin with. */
  public static String mergedOf(String owner, String repo) {
    return MERGED + owner + "/" + repo + "/";
  }

  /** Where the damaged bytes of a key are kept. */
  public static String damaged(String key) {
    return DAMAGED + key;
  }

  /**
   * What the keys begin with of all that has come of a blob from one site.
   *
   * @param source stands for that site
   */
  public static String partsOf(ContentId blob, ContentId source) {
    return COPIES + blob.hex() + "/" + source.hex() + "/";
  }

  /** The key of a part of a blob, whose parts are in the order of their keys. */
  public static String part(ContentId blob, ContentId source, int number) {
    return partsOf(blob, source) + "%08d".formatted(number);
  }

  /** The key of a prepared pack. */
  public static String pack(ContentId pack) {
    return PACKS + pack.hex();
  }

  /**
   * An uploaded bundle's place.
   *
   * @param owner first path segment
   * @param repo second path segment
   * @param bundle the SHA-256 that names the bundle
   */
  public record BundleKey(String owner, String repo, ContentId bundle) {}

  /** Takes a bundle's key apart; null when the key is outside {@code bundles/o/r/sha256}. */
  public static @Nullable BundleKey parseBundle(String key) {
    if (!key.startsWith(BUNDLES)) {
      return null;
    }
    String[] parts = key.substring(BUNDLES.length()).split("/", -1);
    if (parts.length != 3 || !isName(parts[0]) || !isPlace(parts[1])) {
      return null;
    }
    // Only the one spelling that bundle() writes: an alias would be a second key for one bundle.
    boolean exact = parts[2].matches("[0-9a-f]{64}");
    return exact ? new BundleKey(parts[0], parts[1], ContentId.parse(parts[2])) : null;
  }

  /**
   * Whether a text may be what a repository is shown as, or where its keys are: a name, or {@code
   * name~site} for one whose name another site had made before.
   */
  public static boolean isPlace(String text) {
    int site = text.indexOf('~');
    return site < 0
        ? isName(text)
        : isName(text.substring(0, site)) && isName(text.substring(site + 1));
  }

  /** Whether a text may be an owner or a repository: {@code [A-Za-z0-9][A-Za-z0-9._-]{0,99}}. */
  public static boolean isName(String text) {
    return text.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  }
}
