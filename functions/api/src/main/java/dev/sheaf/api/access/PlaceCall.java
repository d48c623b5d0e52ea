package dev.sheaf.api.access;

import dev.sheaf.api.http.Request;
import dev.sheaf.api.token.Caller;

/**
 * A request about the place of a repository.
 *
 * @param owner first segment of its URL
 * @param name second segment of its URL
 */
public record PlaceCall(Request request, Caller caller, String owner, String name) {}
