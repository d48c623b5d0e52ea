package dev.sheaf.journal;

import dev.sheaf.testing.InMemoryObjectStore;
import dev.sheaf.testing.ManualClock;

/** The journal on the test kit's store, which is stricter than S3 and lists in small pages. */
class StrictStoreJournalTest extends JournalContract {
  private final InMemoryObjectStore bucket =
      new InMemoryObjectStore(new ManualClock()).withPageSize(2);

  @Override
  Journal openBackend(String namespace) {
    return Journal.open(bucket, Namespace.of(namespace), Site.OPTIONS);
  }
}
