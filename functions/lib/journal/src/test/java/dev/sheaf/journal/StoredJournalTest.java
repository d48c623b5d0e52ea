package dev.sheaf.journal;

class StoredJournalTest extends JournalContract {
  private final FakeBucket bucket = new FakeBucket();

  @Override
  Journal openBackend(String namespace) {
    return Journal.open(bucket, Namespace.of(namespace), Site.OPTIONS);
  }
}
