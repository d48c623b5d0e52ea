package dev.sheaf.journal;

class InMemoryJournalTest extends JournalContract {
  private final InMemoryNamespaces namespaces = new InMemoryNamespaces();

  @Override
  Journal openBackend(String namespace) {
    return namespaces.open(Namespace.of(namespace));
  }
}
