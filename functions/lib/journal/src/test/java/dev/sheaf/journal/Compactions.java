package dev.sheaf.journal;

/** Compaction as a schedule runs it, of one namespace. */
final class Compactions {
  private Compactions() {}

  static CompactionReport run(Compactor compactor, String namespace) {
    Survey survey = compactor.survey(Namespace.existing(namespace));
    return compactor.compact(survey.namespaces().getFirst());
  }
}
