package dev.sheaf.localstack.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.localstack.servers.access.PrivateFiles;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.repository.token.TokenEntry;
import dev.sheaf.repository.token.TokenMint;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What sites show one another: a token for each ordered pair of them, drawn when the two first meet
 * and kept in {@code peers.json} of the one that shows it.
 */
final class PeerTokens {
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final String FILE = "peers.json";

  private final List<Path> folders;
  private final List<URI> urls;

  /** What each site shows, by the URL of the peer. */
  private final List<Map<String, String>> shown;

  private PeerTokens(List<Path> folders, List<URI> urls, List<Map<String, String>> shown) {
    this.folders = folders;
    this.urls = urls;
    this.shown = shown;
  }

  /**
   * Takes what the folders have and draws what they lack.
   *
   * @param folders of the sites, which exist
   * @param urls of the sites, in the same order
   */
  static PeerTokens in(List<Path> folders, List<URI> urls, RandomGenerator random)
      throws IOException {
    TokenMint mint = new TokenMint(random);
    List<Map<String, String>> shown = new ArrayList<>();
    for (int i = 0; i < folders.size(); i++) {
      Map<String, String> tokens = read(folders.get(i).resolve(FILE));
      for (URI peer : others(urls, i)) {
        tokens.computeIfAbsent(
            peer.toString(), _ -> mint.mint("peer", Set.of(Scope.PEER), List.of(), null).token());
      }
      PrivateFiles.write(folders.get(i).resolve(FILE), JSON.writeValueAsBytes(tokens));
      shown.add(tokens);
    }
    return new PeerTokens(folders, urls, shown);
  }

  private static Map<String, String> read(Path file) throws IOException {
    try {
      return JSON.readValue(
          Files.readString(file), new TypeReference<TreeMap<String, String>>() {});
    } catch (NoSuchFileException e) {
      return new TreeMap<>();
    } catch (JsonProcessingException e) {
      throw new IOException(
          file + " does not hold the tokens of peers: delete it, and new ones are drawn", e);
    }
  }

  private static List<URI> others(List<URI> urls, int site) {
    return urls.stream().filter(url -> !url.equals(urls.get(site))).toList();
  }

  /** Where the keys of a site are. */
  Path folder(int site) {
    return folders.get(site);
  }

  /**
   * What a site's functions have to know of its peers.
   *
   * @param retired sites that are none any more
   */
  Map<String, String> environment(int site, Set<Integer> retired) {
    return Map.of(
        "SHEAF_PEERS",
        IntStream.range(0, urls.size())
            .filter(i -> i != site && !retired.contains(i))
            .mapToObj(i -> urls.get(i).toString())
            .collect(Collectors.joining(",")),
        "SHEAF_PEER_TOKENS",
        "file:" + folders.get(site).resolve(FILE));
  }

  /** The entries by which a site knows its peers. */
  List<TokenEntry> entries(int site) {
    List<TokenEntry> entries = new ArrayList<>();
    String self = urls.get(site).toString();
    for (int i = 0; i < urls.size(); i++) {
      String token = shown.get(i).get(self);
      if (i != site && token != null) {
        entries.add(
            new TokenEntry(
                EmbeddedSites.name(i),
                Ids.object(token.getBytes(UTF_8)),
                EnumSet.of(Scope.PEER),
                List.of(),
                urls.get(i).toString()));
      }
    }
    return entries;
  }
}
