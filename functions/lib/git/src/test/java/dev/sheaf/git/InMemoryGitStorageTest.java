package dev.sheaf.git;

import dev.sheaf.storage.ObjectStore;
import dev.sheaf.testing.InMemoryObjectStore;

class InMemoryGitStorageTest extends GitStorageContract {
  @Override
  ObjectStore emptyStore() {
    return new InMemoryObjectStore();
  }
}
