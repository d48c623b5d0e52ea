package dev.sheaf.api.push;

import dev.sheaf.api.http.Document;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.GitHead;
import dev.sheaf.repository.git.RefUpdate;
import dev.sheaf.repository.git.RefsRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.errors.InvalidObjectIdException;
import org.eclipse.jgit.lib.ObjectId;

/**
 * The body of {@code POST /push/unpack-bundle} for a git repository.
 *
 * @param badNames names that git does not take, as they came
 * @param isBrief whether the answer is to name nothing but the reasons why nothing moved
 */
record GitAnnouncement(RefsRequest refs, List<byte[]> badNames, boolean isBrief) {
  /** As many as a repository has at most. */
  private static final int MOST_UPDATES = 100_000;

  private static final String PACKED = "packed_updates";

  /** What as many take when they are unpacked. */
  private static final int UNPACKED_BYTES = 32 << 20;

  /** Whether an announcement is one of git refs. */
  static boolean isOne(Document fields) {
    return fields.holds("updates") || fields.holds(PACKED);
  }

  private static Document updates(Document fields) {
    return fields.holds(PACKED) ? fields.unpacked(PACKED, UNPACKED_BYTES) : fields;
  }

  static GitAnnouncement of(Document fields) {
    List<RefUpdate> updates = new ArrayList<>();
    List<byte[]> badNames = new ArrayList<>();
    for (Document update : updates(fields).documents("updates", MOST_UPDATES)) {
      byte[] name = name(update);
      if (RefName.isValid(name)) {
        updates.add(update(RefName.ofBytes(name), update));
      } else {
        badNames.add(name);
      }
    }
    GitHead head = fields.holds("head") ? head(fields.document("head")) : null;
    RefsRequest refs = new RefsRequest(updates, head, null, fields.flag("atomic"));
    return new GitAnnouncement(refs, badNames, refs.atomic() && fields.flag("brief"));
  }

  /**
   * Whether nothing of it can take place: not even what a push of no updates asks for, since this
   * one has some.
   */
  boolean isHopeless() {
    return !badNames.isEmpty()
        && (refs.atomic() || (refs.updates().isEmpty() && refs.head() == null));
  }

  private static byte[] name(Document update) {
    Optional<String> text = update.optionalText("name");
    return text.isPresent()
        ? text.get().getBytes(StandardCharsets.UTF_8)
        : base64("name_b64", update.text("name_b64"));
  }

  private static byte[] base64(String field, String value) {
    try {
      return Base64.getDecoder().decode(value);
    } catch (IllegalArgumentException e) {
      throw new SheafException(ErrorKind.INVALID, "field " + field + " is no base64", e);
    }
  }

  private static RefUpdate update(RefName name, Document update) {
    if (!update.holds("new")) {
      throw new SheafException(
          ErrorKind.INVALID,
          "the update of " + name + " has no field new; send null to delete the ref");
    }
    RefUpdate.Expected expected = new RefUpdate.Expected.Anything();
    if (update.holds("old")) {
      expected =
          update
              .optionalText("old")
              .<RefUpdate.Expected>map(old -> new RefUpdate.Expected.At(id(old)))
              .orElseGet(RefUpdate.Expected.Absent::new);
    }
    ObjectId target = update.optionalText("new").map(GitAnnouncement::id).orElse(null);
    return new RefUpdate(name, expected, target, update.flag("force"));
  }

  private static GitHead head(Document head) {
    Optional<String> detached = head.optionalText("detached");
    if (detached.isPresent()) {
      return new GitHead.Detached(id(detached.get()));
    }
    Optional<String> bytes = head.optionalText("symref_b64");
    return new GitHead.Symbolic(
        bytes.isPresent()
            ? RefName.ofBytes(base64("symref_b64", bytes.get()))
            : RefName.of(head.text("symref")));
  }

  private static ObjectId id(String hex) {
    try {
      return ObjectId.fromString(hex);
    } catch (InvalidObjectIdException e) {
      throw new SheafException(
          ErrorKind.INVALID,
          "'" + RefName.shown(hex.getBytes(StandardCharsets.UTF_8)) + "' is no git object id",
          e);
    }
  }
}
