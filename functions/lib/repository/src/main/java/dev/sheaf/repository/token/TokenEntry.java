package dev.sheaf.repository.token;

import dev.sheaf.bundle.ContentId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One token as a site stores it: {@code {"name","sha256","scopes","repos","host"}}.
 *
 * @param name for people and logs
 * @param hash SHA-256 of the token's text
 * @param repos which repositories its scopes are about
 * @param host the peer's URL, for a {@link Scope#PEER} token
 */
public record TokenEntry(
    String name, ContentId hash, Set<Scope> scopes, List<RepoGlob> repos, @Nullable String host) {

  public TokenEntry {
    scopes = Set.copyOf(scopes);
    repos = List.copyOf(repos);
  }

  /** The entry as the fields of its JSON object. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", name);
    fields.put("sha256", hash.hex());
    fields.put("scopes", new TreeSet<>(scopes).stream().map(Scope::text).toList());
    fields.put("repos", repos.stream().map(RepoGlob::toString).toList());
    if (host != null) {
      fields.put("host", host);
    }
    return fields;
  }
}
