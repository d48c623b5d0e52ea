package dev.sheaf.git;

import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.TestSites;
import java.io.IOException;

/** By the real adapter, against a local S3 server. */
class S3GitStorageTest extends GitStorageContract {
  @Override
  ObjectStore emptyStore() throws IOException {
    return TestSites.fresh().objects();
  }
}
