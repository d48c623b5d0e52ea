package dev.sheaf.repair.peer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repair.placement.Placement;
import dev.sheaf.storage.wiring.SiteConfig;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The peers of a site by its configuration: {@code SHEAF_SELF}, {@code SHEAF_PEERS}, {@code
 * SHEAF_REPLICATION}, and {@code SHEAF_PEER_TOKENS}, which refers to a JSON object of the tokens
 * that are shown to each by its URL.
 */
public final class PeerSites {
  private static final String TOKENS = "SHEAF_PEER_TOKENS";
  private static final ObjectMapper JSON = new ObjectMapper();

  private PeerSites() {}

  /**
   * Makes clients; asks nobody.
   *
   * @param secrets reads what a variable refers to
   * @param folder for what is pulled
   * @param ticker a monotonic clock in nanoseconds
   * @throws SheafException of kind {@code INVALID} naming the variable at fault
   */
  public static Peers of(
      SiteConfig config,
      Map<String, String> environment,
      UnaryOperator<String> secrets,
      Path folder,
      LongSupplier ticker) {
    if (config.peers().isEmpty()) {
      return Peers.none();
    }
    if (config.self().isEmpty()) {
      throw new SheafException(
          ErrorKind.INVALID,
          "environment variable SHEAF_SELF is not set, and SHEAF_PEERS is: sites are placed by URL");
    }
    Map<String, String> tokens = tokens(environment.getOrDefault(TOKENS, ""), secrets);
    HttpClient http = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();
    List<BlobPeer> others =
        config.peers().stream()
            .map(PeerSites::name)
            .<BlobPeer>map(url ->
                new HttpBlobPeer(http, url, Optional.ofNullable(tokens.get(url)), folder, ticker))
            .toList();
    return new Peers(config.self().map(PeerSites::name), others, config.replication());
  }

  /** The name of a site that has peers, among them. */
  public static Optional<String> self(SiteConfig config) {
    return config.peers().isEmpty() ? Optional.empty() : config.self().map(PeerSites::name);
  }

  /** Which bundles a site is to have, as far as it knows. */
  public static Predicate<ContentId> keeps(SiteConfig config) {
    Optional<String> self = config.self().map(PeerSites::name);
    Placement placement =
        new Placement(
            Stream.concat(self.stream(), config.peers().stream().map(PeerSites::name)).toList(),
            config.replication());
    return id -> self.map(site -> placement.isPlaced(site, id.hex())).orElse(true);
  }

  /** As all sites spell it: they must come to the same ranks. */
  private static String name(URI url) {
    String text = url.toString().toLowerCase(Locale.ROOT);
    return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
  }

  private static Map<String, String> tokens(String reference, UnaryOperator<String> secrets) {
    if (reference.isEmpty()) {
      return Map.of();
    }
    try {
      return JSON.readValue(secrets.apply(reference), new TypeReference<Map<String, String>>() {});
    } catch (JsonProcessingException e) {
      // Not the parser's message: it quotes the text, which holds secrets.
      throw new SheafException(
          ErrorKind.INVALID, TOKENS + " refers to no JSON object of tokens by URL");
    }
  }
}
