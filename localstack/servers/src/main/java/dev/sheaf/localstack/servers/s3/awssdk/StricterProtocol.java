package dev.sheaf.localstack.servers.s3.awssdk;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.UrlEncoded;
import org.jspecify.annotations.Nullable;

/** Before S3Proxy: what S3 accepts and it does not, and what S3 refuses and it does not. */
final class StricterProtocol extends HttpFilter {
  private static final long serialVersionUID = 1;

  /** 10,000 parts with a checksum each, and to spare. */
  private static final int PART_LIST_BYTES = 8 << 20;

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String path;
    try {
      path = CanonicalPath.of(request.getRequestURI());
    } catch (IllegalArgumentException e) {
      refuse(response, "InvalidURI", "Couldn't parse the specified URI.");
      return;
    }
    HttpServletRequest canonical = new Canonical(request, path);
    String method = request.getMethod();
    if (method.equals("POST") && canonical.getParameter("uploadId") != null) {
      complete(canonical, response, chain);
    } else if (method.equals("GET") && canonical.getParameter("delimiter") != null) {
      list(canonical, response, chain);
    } else {
      chain.doFilter(canonical, response);
    }
  }

  private static void complete(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException {
    byte[] body = request.getInputStream().readNBytes(PART_LIST_BYTES + 1);
    if (body.length > PART_LIST_BYTES) {
      refuse(response, "MaxMessageLengthExceeded", "Your request was too big.");
      return;
    }
    PartList parts = PartList.read(body);
    if (!parts.isAscending()) {
      refuse(
          response,
          "InvalidPartOrder",
          "The list of parts was not in ascending order. Parts must be ordered by part number.");
      return;
    }
    HttpServletRequest again =
        new HttpServletRequestWrapper(request) {
          @Override
          public ServletInputStream getInputStream() {
            return new BytesIn(body);
          }
        };
    ScopedValue.where(PartList.COMPLETING, parts)
        .call(() -> {
          try {
            chain.doFilter(again, response);
            return again;
          } catch (ServletException e) {
            throw new IOException(e);
          }
        });
  }

  private static void list(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Buffered buffered = new Buffered(response);
    chain.doFilter(request, buffered);
    boolean urlEncoded = "url".equals(request.getParameter("encoding-type"));
    byte[] body = PrefixOrder.sorted(buffered.text(), urlEncoded).getBytes(UTF_8);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  private static void refuse(HttpServletResponse response, String code, String message)
      throws IOException {
    response.setStatus(400);
    response.setContentType("application/xml");
    response
        .getOutputStream()
        .write(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Error><Code>%s</Code><Message>%s</Message></Error>\
            """
                .formatted(code, message)
                .getBytes(UTF_8));
  }

  /** With the path as S3 writes it, and no parameters but those of the query: a body is a body. */
  private static final class Canonical extends HttpServletRequestWrapper {
    private final String path;
    private final Map<String, String[]> parameters = new LinkedHashMap<>();

    Canonical(HttpServletRequest request, String path) {
      super(request);
      this.path = path;
      String query = request.getQueryString();
      if (query != null) {
        Fields fields = new Fields(true);
        UrlEncoded.decodeTo(query, fields::add, UTF_8);
        fields.forEach(
            field -> parameters.put(field.getName(), field.getValues().toArray(String[]::new)));
      }
    }

    @Override
    public String getRequestURI() {
      return path;
    }

    @Override
    public @Nullable String getParameter(String name) {
      String[] values = parameters.get(name);
      return values == null ? null : values[0];
    }

    @Override
    public String @Nullable [] getParameterValues(String name) {
      return parameters.get(name);
    }

    @Override
    public Enumeration<String> getParameterNames() {
      return Collections.enumeration(parameters.keySet());
    }

    @Override
    public Map<String, String[]> getParameterMap() {
      return parameters;
    }
  }

  /** A body that has been read already. */
  private static final class BytesIn extends ServletInputStream {
    private final InputStream bytes;

    BytesIn(byte[] bytes) {
      this.bytes = new ByteArrayInputStream(bytes);
    }

    @Override
    public int read() throws IOException {
      return bytes.read();
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      return bytes.read(into, offset, length);
    }

    @Override
    public boolean isFinished() {
      return false;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {
      throw new UnsupportedOperationException();
    }
  }

  /** Keeps the body back. */
  private static final class Buffered extends HttpServletResponseWrapper {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintWriter writer = new PrintWriter(new OutputStreamWriter(bytes, UTF_8));

    Buffered(HttpServletResponse response) {
      super(response);
    }

    String text() {
      writer.flush();
      return bytes.toString(UTF_8);
    }

    @Override
    public PrintWriter getWriter() {
      return writer;
    }

    @Override
    public void flushBuffer() {}

    @Override
    public void setContentLength(int length) {}

    @Override
    public void setContentLengthLong(long length) {}

    @Override
    public ServletOutputStream getOutputStream() {
      return new ServletOutputStream() {
        @Override
        public void write(int b) {
          bytes.write(b);
        }

        @Override
        public void write(byte[] from, int offset, int length) {
          bytes.write(from, offset, length);
        }

        @Override
        public boolean isReady() {
          return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
          throw new UnsupportedOperationException();
        }
      };
    }
  }
}
