package dev.sheaf.localstack.servers.s3.awssdk;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Consumer;

/** Where a bucket's bytes rest. */
interface Vault extends Closeable {
  /** Takes in bytes that belong to no key yet, to the end of the stream. */
  Body receive(InputStream bytes) throws IOException;

  /** Joins received bytes into one body; the parts are no longer needed then. */
  Body join(List<Body> parts) throws IOException;

  /**
   * Does the slow part of storing an object, before anyone holds a lock. Close what is returned if
   * it is not published.
   *
   * @param object the object as it shall be, its body as received
   */
  Staged stage(StoredObject object) throws IOException;

  /**
   * Puts the object in the place of its key. Durable when it returns, if this vault is durable at
   * all.
   *
   * @return the object with the body that it has from now on
   */
  StoredObject publish(Staged staged) throws IOException;

  /** Removes the bytes of a key, as durably as they were stored. */
  void remove(StoredObject object) throws IOException;

  /** Hands over every object that is stored already, in no order; called once, at the start. */
  void load(Consumer<StoredObject> objects) throws IOException;

  /** An object ready to be published. */
  interface Staged extends Closeable {
    StoredObject object();
  }
}
