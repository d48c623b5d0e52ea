package dev.sheaf.api.access;

import dev.sheaf.api.http.Reply;

/** What a route does at a place where a repository may still have to be made. */
@FunctionalInterface
public interface PlaceAction {
  /** Answers a request of somebody who may write there. */
  Reply answer(PlaceCall call);
}
