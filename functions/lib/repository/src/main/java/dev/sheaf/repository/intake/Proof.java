package dev.sheaf.repository.intake;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.storage.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * That an object's bytes are what its id says: the one verification of every way in. The store does
 * it wherever it is given bytes, by the checksum of the PUT; a SHA-256 is computed here only where
 * it was not, and to name the culprit.
 */
final class Proof {
  private static final String CONTENT_TYPE = "application/octet-stream";

  private Proof() {}

  /**
   * Proves an object that stays here.
   *
   * @throws SheafException of kind INVALID naming the object when it has other content
   */
  static void bySha256(RawObject object) {
    ContentId actual;
    try {
      actual = Ids.object(object.content());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!actual.equals(object.id())) {
      throw new SheafException(
          ErrorKind.INVALID,
          "object %s of the bundle has other content: its SHA-256 is %s"
              .formatted(object.id(), actual));
    }
  }

  /**
   * Proves an object by putting it into the store. One that is there already, by whomever, is
   * proven here: that the store has the key says nothing about these bytes.
   *
   * @throws SheafException of kind INVALID naming the object when it has other content; of kind
   *     UNAVAILABLE when only what reached the store had
   */
  static ObjectRows.Stored byPut(
      ObjectStore store, RawObject object, ObjectStore.Condition condition) {
    ContentId id = object.id();
    ObjectStore.PutResult result;
    try {
      result = store.put(ObjectKeys.object(id), object.content(), id, condition, CONTENT_TYPE);
    } catch (SheafException e) {
      if (e.kind() == ErrorKind.INVALID) {
        // In the same words whatever the store says.
        bySha256(object);
        throw new SheafException(
            ErrorKind.UNAVAILABLE,
            "object %s did not reach the store as it is here; try again".formatted(id),
            e);
      }
      throw e;
    }
    return switch (result) {
      case ObjectStore.PutResult.Written(String etag) ->
          new ObjectRows.Stored(id, object.content().size(), etag);
      case ObjectStore.PutResult.ConditionFailed() -> {
        bySha256(object);
        yield new ObjectRows.Stored(id, object.content().size(), null);
      }
    };
  }
}
