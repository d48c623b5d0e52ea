package dev.sheaf.localstack.servers.s3.awssdk;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The common prefixes of a listing in the order of their UTF-8 bytes, as everything in S3 is;
 * S3Proxy sorts them as Java sorts strings, which puts U+1F600 before U+FF5E.
 */
final class PrefixOrder {
  private static final Pattern ENTRY =
      Pattern.compile("<CommonPrefixes>\\s*<Prefix>([^<]*)</Prefix>\\s*</CommonPrefixes>");

  private PrefixOrder() {}

  /**
   * Sorts.
   *
   * @param listing XML as S3Proxy writes it, with the prefixes beside one another
   * @param urlEncoded whether the client asked for keys in percent-encoding
   */
  static String sorted(String listing, boolean urlEncoded) {
    List<Entry> entries = new ArrayList<>();
    StringBuilder rest = new StringBuilder();
    Matcher matcher = ENTRY.matcher(listing);
    int first = -1;
    while (matcher.find()) {
      entries.add(new Entry(key(matcher.group(1), urlEncoded), matcher.group()));
      matcher.appendReplacement(rest, "");
      first = first < 0 ? rest.length() : first;
    }
    if (entries.size() < 2) {
      return listing;
    }
    matcher.appendTail(rest);
    entries.sort(Comparator.comparing(Entry::key));
    StringBuilder sorted = new StringBuilder();
    entries.forEach(entry -> sorted.append(entry.xml));
    return rest.insert(first, sorted).toString();
  }

  private record Entry(Key key, String xml) {}

  private static Key key(String text, boolean urlEncoded) {
    String plain =
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&apos;", "'")
            .replace("&amp;", "&");
    return urlEncoded ? Key.of(new String(CanonicalPath.decode(plain), UTF_8)) : Key.of(plain);
  }
}
