package dev.sheaf.localstack.acceptance;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One of several sites that are one another's peers.
 *
 * @param environment the {@code SHEAF_*} and {@code AWS_*} variables of the site's functions; empty
 *     where nobody gave them
 */
record PeeredSite(String url, String token, Map<String, String> environment) {
  private static final ObjectMapper JSON = new ObjectMapper();

  PeeredSite {
    environment = Map.copyOf(environment);
  }

  /** The HTTP API of one of its repositories. */
  Api api(String repo) {
    return new Api(url + "/" + repo, token);
  }

  /**
   * The sites that the run is about: those of {@code SHEAF_SITES}, a JSON array of {@code {url,
   * token, environment}}, or those of the stack on LocalStack, if it has several ({@code
   * -Dsheaf.sites=3}).
   *
   * @return empty when the tests are to start embedded ones
   */
  static Optional<List<PeeredSite>> given() throws IOException {
    String given = System.getenv("SHEAF_SITES");
    if (given != null) {
      return Optional.of(parse(JSON.readTree(given)));
    }
    boolean isEmbedded =
        System.getProperty("sheaf.acceptance.engine", "embedded").equals("embedded")
            && !System.getenv().containsKey("SHEAF_URL");
    return isEmbedded ? Optional.empty() : Optional.of(Target.shared().peers());
  }

  /** Reads an array of sites. */
  static List<PeeredSite> parse(JsonNode sites) {
    List<PeeredSite> parsed = new ArrayList<>();
    for (JsonNode site : sites) {
      Map<String, String> environment =
          site.has("environment")
              ? JSON.convertValue(site.path("environment"), new TypeReference<>() {})
              : Map.of();
      parsed.add(
          new PeeredSite(site.path("url").asText(), site.path("token").asText(), environment));
    }
    return parsed;
  }
}
