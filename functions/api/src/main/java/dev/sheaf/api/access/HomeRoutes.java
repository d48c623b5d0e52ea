package dev.sheaf.api.access;

import dev.sheaf.api.http.Document;
import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Reply;
import dev.sheaf.repository.Homes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** {@code /home}: which site accepts the writes of a repository. */
public final class HomeRoutes {
  private static final int MAX_BODY = 1 << 10;

  private final HomeRule rule;
  private final Homes homes;
  private final Consumer<String> writeDown;

  /**
   * @param writeDown told of a repository after a change that only the catalog knows
   */
  public HomeRoutes(HomeRule rule, Consumer<String> writeDown) {
    this.rule = rule;
    this.writeDown = writeDown;
    this.homes = rule.homes().get();
  }

  /**
   * Answers {@code {repo_id, home, here, moves, epoch}}: the URL of the home, null when any site is
   * that is asked; whether it is this one; how often it has moved.
   */
  public Reply show(RepoCall call) {
    return reply(call, homes.of(call.repo().repoId()));
  }

  /**
   * Takes {@code {take: true}}: this site becomes the home, and the others hear of it. Answers as
   * {@link #show}.
   */
  public Reply take(RepoCall call) {
    Document fields = call.request().document(MAX_BODY);
    if (!fields.requiredFlag("take")) {
      return show(call);
    }
    if (!rule.hasPeers()) {
      throw HttpFailure.conflict(
          "no_peers", "this site has no peers (SHEAF_PEERS): it is the home of all that it has");
    }
    Homes.Home home = homes.move(call.repo().repoId(), rule.self());
    writeDown.accept(call.repo().repoId());
    return reply(call, home);
  }

  private Reply reply(RepoCall call, Homes.Home home) {
    String site = home.site().orElse(null);
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("repo_id", call.repo().repoId());
    fields.put("home", site);
    fields.put("here", site == null || site.equals(rule.self()));
    fields.put("moves", home.epoch().changes());
    fields.put("epoch", home.epoch().value());
    return Reply.ok(fields);
  }
}
