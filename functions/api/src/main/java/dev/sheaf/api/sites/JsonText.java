package dev.sheaf.api.sites;

import dev.sheaf.api.http.Reply;
import dev.sheaf.api.http.Request;
import dev.sheaf.bundle.Content;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** JSON that is text already, compressed for whoever takes that. */
final class JsonText {
  private static final String TYPE = "application/json";

  /** Below it the gain is not worth a header. */
  private static final int LEAST_COMPRESSED = 1_000;

  private JsonText() {}

  static Reply reply(Request request, Content json) {
    boolean isCompressed = json.size() >= LEAST_COMPRESSED && takesGzip(request);
    Reply reply =
        Reply.raw(200, isCompressed ? gzip(json) : json, TYPE)
            .with("Vary", "Accept-Encoding, Authorization");
    return isCompressed ? reply.with("Content-Encoding", "gzip") : reply;
  }

  private static boolean takesGzip(Request request) {
    String header = request.header("Accept-Encoding").orElse("").toLowerCase(Locale.ROOT);
    return Stream.of(header.split(",", -1))
        .map(coding -> coding.replace(" ", ""))
        .anyMatch(coding ->
            (coding.equals("gzip") || coding.startsWith("gzip;"))
                && !coding.matches("gzip;q=0(\\.0*)?"));
  }

  /** Lightly: a page is sent once, and somebody waits for it. */
  private static Content gzip(Content content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream((int) content.size() / 4);
    try (InputStream in = content.open();
        OutputStream gzip = new LightGzip(out)) {
      in.transferTo(gzip);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Content.of(out.toByteArray());
  }

  private static final class LightGzip extends GZIPOutputStream {
    LightGzip(OutputStream out) throws IOException {
      super(out, 1 << 16);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
