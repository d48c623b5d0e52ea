package dev.sheaf.localstack.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What is pushed to git repositories of several sites, and what of it must not be lost: everything
 * that was acknowledged, but for what a forced push or a deletion took away afterwards, by the old
 * value that it named.
 */
final class GitRounds {
  private static final String MAIN = "refs/heads/main";
  private static final String NEXT = "refs/heads/next";

  /** The branch that is forced and deleted. */
  private static final String WILD = "refs/heads/wild";

  private final GitHistories histories = new GitHistories();
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();

  /** Commits that were made for the wild branch, and tags: nothing else may go. */
  private final Set<String> mayGo = ConcurrentHashMap.newKeySet();

  private final Set<String> gone = ConcurrentHashMap.newKeySet();

  /** How an attempt ended. */
  enum End {
    ACKNOWLEDGED,
    REFUSED,
    /** Nobody was there to say. */
    UNKNOWN
  }

  /**
   * One change of one ref.
   *
   * @param old where the client saw it; null for nowhere
   * @param target null to delete it
   * @param known what the site has of the new history; null for nothing
   */
  private record Attempt(
      String ref, @Nullable String old, @Nullable String target, @Nullable String known) {
    Map<String, @Nullable Object> update(boolean isForced) {
      Map<String, @Nullable Object> update = new HashMap<>();
      update.put("name", ref);
      update.put("old", old);
      update.put("new", target);
      update.put("force", isForced);
      return update;
    }
  }

  /**
   * Pushes something that the repository's refs allow.
   *
   * @param name of this round, for tags
   */
  End push(SiteClient client, Random random, String name) throws InterruptedException {
    byte[] content = new byte[200 + random.nextInt(2_000)];
    random.nextBytes(content);
    int draw = random.nextInt(10);
    try {
      SiteClient.Answer refs = client.get("/refs");
      Map<String, String> shown = SiteClient.gitRefs(refs);
      Attempt attempt = attempt(shown, draw, content, name);
      String target = attempt.target();
      byte @Nullable [] bundle =
          target == null ? null : histories.bundle(attempt.ref(), target, attempt.known());
      try {
        SiteClient.Answer answer =
            client.pushRef(bundle, attempt.update(attempt.ref().equals(WILD)));
        return ended(client, refs, attempt, answer);
      } catch (IOException e) {
        forgive(attempt);
        return End.UNKNOWN;
      }
    } catch (IOException e) {
      return End.UNKNOWN; // stopped meanwhile
    }
  }

  private Attempt attempt(Map<String, String> shown, int draw, byte[] content, String name) {
    String main = shown.get(MAIN);
    String wild = shown.get(WILD);
    if (main != null && draw == 0) {
      String tag = histories.tag(name, main);
      mayGo.add(tag);
      return new Attempt("refs/tags/" + name, null, tag, main);
    }
    if (draw == 1) {
      for (String ref : shown.keySet()) {
        if (ref.startsWith("refs/tags/")) {
          return new Attempt(ref, shown.get(ref), null, null);
        }
      }
    }
    if (wild != null && draw == 2) {
      return new Attempt(WILD, wild, null, null);
    }
    if (main != null && draw <= 5) {
      // On top of what is there, or of what the main branch is now: then it is forced.
      String parent = wild != null && draw == 3 ? wild : main;
      String commit = histories.commit(parent, content);
      mayGo.add(commit);
      return new Attempt(WILD, wild, commit, parent);
    }
    String branch = main == null || draw < 9 ? MAIN : NEXT;
    String old = shown.get(branch);
    String parent = old == null ? main : old;
    return new Attempt(branch, old, histories.commit(parent, content), parent);
  }

  private End ended(
      SiteClient client, SiteClient.Answer refs, Attempt attempt, SiteClient.Answer answer)
      throws IOException, InterruptedException {
    JsonNode json = answer.json();
    String status = json.path("results").path(0).path("status").asText();
    if (answer.status() == 200 && !status.equals("rejected")) {
      assertThat(status).as(json.toString()).isEqualTo("ok");
      forgive(attempt);
      String known = refs.json().path("repo_id").asText();
      String repo = known.isEmpty() ? repo(client) : known;
      String target = attempt.target();
      if (target != null) {
        acknowledged.add(repo + " " + target);
      }
      return End.ACKNOWLEDGED;
    }
    assertThat(answer.status()).as(json.toString()).isIn(200, 404, 409, 422, 500, 502, 503, 504);
    if (answer.status() >= 500) {
      forgive(attempt);
      return End.UNKNOWN;
    }
    return End.REFUSED;
  }

  private static String repo(SiteClient client) throws IOException, InterruptedException {
    SiteClient.Answer refs = client.get("/refs");
    assertThat(refs.status()).as("refs of " + client.repo()).isEqualTo(200);
    return refs.json().path("repo_id").asText();
  }

  /** What this took away, should it have happened, is lost by somebody's will. */
  private void forgive(Attempt attempt) {
    String last = attempt.old();
    while (last != null && mayGo.contains(last) && !last.equals(attempt.known())) {
      gone.add(last);
      last = attempt.ref().equals(WILD) ? histories.parent(last) : null;
    }
  }

  /** How many pushes were acknowledged. */
  int acknowledged() {
    return acknowledged.size();
  }

  /** What a clone has, proven: each ref with its target, and all objects that refs lead to. */
  static Set<String> clone(SiteClient client) throws IOException, InterruptedException {
    GitHistories clone = new GitHistories();
    for (byte[] pack : client.packs()) {
      clone.index(pack);
    }
    Map<String, String> refs = SiteClient.gitRefs(client.get("/refs"));
    Set<String> all = new HashSet<>(clone.reached(refs.values()));
    refs.forEach((name, target) -> all.add(name + " " + target));
    return all;
  }

  /** What must be in a clone of a repository. */
  Set<String> required(String repoId) {
    Set<String> required = new HashSet<>();
    for (String each : acknowledged) {
      String id = each.substring(each.indexOf(' ') + 1);
      if (each.startsWith(repoId + " ") && !gone.contains(id)) {
        required.add(id);
      }
    }
    return required;
  }
}
