package dev.sheaf.peersync;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.ops.OpsOptions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What this site shows its peers: a JSON object, the URL of each peer to the token that it knows
 * this site by. Read again from time to time, so that a token can be changed while functions run.
 */
public final class PeerTokens {
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final long LIFETIME_NANOS = 300_000_000_000L;

  /** A token that is not there may just have been put there: a tick of the schedule looks again. */
  private static final long LIFETIME_OF_NONE_NANOS = 30_000_000_000L;

  private final Supplier<String> source;
  private final LongSupplier nanoTime;
  private Map<String, String> tokens = Map.of();
  private long readAt;
  private boolean isRead;

  /**
   * @param source reads the secret afresh
   */
  public PeerTokens(Supplier<String> source, LongSupplier nanoTime) {
    this.source = source;
    this.nanoTime = nanoTime;
  }

  /**
   * The token for a peer, if there is one.
   *
   * @throws SheafException of kind SITE when the secret is no such object
   */
  synchronized Optional<String> of(String host) {
    long lifetime = tokens.containsKey(host) ? LIFETIME_NANOS : LIFETIME_OF_NONE_NANOS;
    if (!isRead || nanoTime.getAsLong() - readAt > lifetime) {
      tokens = parse(source.get());
      readAt = nanoTime.getAsLong();
      isRead = true;
    }
    return Optional.ofNullable(tokens.get(host));
  }

  private static Map<String, String> parse(String text) {
    try {
      Map<String, String> byHost = new HashMap<>();
      JSON.readValue(text, new TypeReference<Map<String, String>>() {})
          .forEach((url, token) -> byHost.put(OpsOptions.host(url), token));
      return byHost;
    } catch (JsonProcessingException e) {
      // The text is not quoted: it holds tokens.
      throw new SheafException(
          ErrorKind.SITE,
          "the secret that SHEAF_PEER_TOKENS names is no JSON object of URLs and tokens");
    }
  }
}
