package dev.sheaf.repository.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A message that makes a worker look for jobs, beside those that S3 sends about uploads. Too many
 * do no harm: a worker that finds no job is done.
 *
 * @param repoId the repository to look at; null for every one that has jobs
 */
public record WakeUp(@Nullable String repoId) {
  /** What a schedule sends: a look at every repository that has jobs. */
  public static final WakeUp ALL = new WakeUp(null);

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String KIND = "sheaf";
  private static final String ONE = "wake-up";
  private static final String EVERY = "wake-up-all";
  private static final String REPO = "repo_id";

  /** A look at one repository. */
  public static WakeUp of(String repoId) {
    return new WakeUp(repoId);
  }

  /** The message's body: JSON. */
  public String body() {
    ObjectNode json = JSON.createObjectNode().put(KIND, repoId == null ? EVERY : ONE);
    return (repoId == null ? json : json.put(REPO, repoId)).toString();
  }

  /** Reads a message's body; empty when it is another kind of message. */
  public static Optional<WakeUp> parse(JsonNode body) {
    return switch (body.path(KIND).asText()) {
      case ONE -> Optional.of(of(body.path(REPO).asText()));
      case EVERY -> Optional.of(ALL);
      default -> Optional.empty();
    };
  }
}
