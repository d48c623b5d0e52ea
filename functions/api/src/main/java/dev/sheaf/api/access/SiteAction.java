package dev.sheaf.api.access;

import dev.sheaf.api.http.Reply;
import dev.sheaf.api.http.Request;
import dev.sheaf.api.token.Caller;

/** What a route of the site does, for somebody whose token, if any, is known. */
@FunctionalInterface
public interface SiteAction {
  /** Answers a request. */
  Reply answer(Request request, Caller caller);
}
