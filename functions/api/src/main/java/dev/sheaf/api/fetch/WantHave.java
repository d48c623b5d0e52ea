package dev.sheaf.api.fetch;

import dev.sheaf.api.http.Document;
import java.util.List;

/**
 * What a client asks for; ids that the repository does not know count for nothing.
 *
 * @param want commits that it wants, with their history
 * @param have commits that it has, with their history and every file of it
 */
record WantHave(List<String> want, List<String> have) {
  /** More than fit a request's document. */
  private static final int MAX_IDS = 60_000;

  WantHave {
    want = List.copyOf(want);
    have = List.copyOf(have);
  }

  static WantHave of(Document fields) {
    return new WantHave(fields.texts("want", MAX_IDS), fields.texts("have", MAX_IDS));
  }
}
