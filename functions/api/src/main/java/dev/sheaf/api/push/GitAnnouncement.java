package dev.sheaf.api.push;

import dev.sheaf.api.http.Document;
import dev.sheaf.bundle.ContentId;
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
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /push/unpack-bundle} for a git repository.
 *
 * @param bundle null for a push of refs alone
 * @param badNames names that git does not take, as they came
 */
record GitAnnouncement(@Nullable ContentId bundle, RefsRequest refs, List<byte[]> badNames) {
  /** More do not fit into a request. */
  private static final int MOST_UPDATES = 100_000;

  static GitAnnouncement of(Document fields) {
    List<RefUpdate> updates = new ArrayList<>();
    List<byte[]> badNames = new ArrayList<>();
    for (Document update : fields.documents("updates", MOST_UPDATES)) {
      byte[] name = name(update);
      if (RefName.isValid(name)) {
        updates.add(update(RefName.ofBytes(name), update));
      } else {
        badNames.add(name);
      }
    }
    ContentId bundle = fields.optionalText("bundle_key").map(ContentId::parse).orElse(null);
    GitHead head = fields.holds("head") ? head(fields.document("head")) : null;
    RefsRequest refs = new RefsRequest(updates, head, null, fields.flag("atomic"));
    return new GitAnnouncement(bundle, refs, badNames);
  }

  private static byte[] name(Document update) {
    Optional<String> text = update.optionalText("name");
    if (text.isPresent()) {
      return text.get().getBytes(StandardCharsets.UTF_8);
    }
    try {
      return Base64.getDecoder().decode(update.text("name_b64"));
    } catch (IllegalArgumentException e) {
      throw new SheafException(ErrorKind.INVALID, "field name_b64 is no base64", e);
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
            ? RefName.ofBytes(Base64.getDecoder().decode(bytes.get()))
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
