package io.mycelium.migrations.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A client that speaks PostgreSQL's wire protocol itself. So it names its statements, and says and hears about its
 * settings, as drivers of other languages do.
 */
final class WireClient implements AutoCloseable {

  private static final int PROTOCOL = 196608;

  private final Socket socket;
  private final DataInputStream input;
  private final DataOutputStream output;
  /** What the server has told of its settings. */
  private final Map<String, String> told = new HashMap<>();

  /**
   * Connects, with settings as a client gives them.
   *
   * @throws Refusal if the server refuses that
   */
  WireClient(int port, Map<String, String> settings) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(30_000);
    input = new DataInputStream(socket.getInputStream());
    output = new DataOutputStream(socket.getOutputStream());
    ByteArrayOutputStream words = new ByteArrayOutputStream();
    Map<String, String> parameters = new HashMap<>(settings);
    parameters.putAll(Map.of("user", "postgres", "database", "postgres"));
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      words.writeBytes(text(parameter.getKey()));
      words.writeBytes(text(parameter.getValue()));
    }
    words.write(0);
    output.writeInt(8 + words.size());
    output.writeInt(PROTOCOL);
    output.write(words.toByteArray());
    answer();
  }

  /** The first column of what the SQL gives, in a simple query. */
  List<String> query(String sql) throws IOException {
    send(sql);
    return answer();
  }

  /** Prepares a statement under a name, as drivers do by themselves. */
  void prepare(String name, String sql) throws IOException {
    send('P', text(name), text(sql), new byte[2]);
    send('S');
    answer();
  }

  /** The first column of what a prepared statement without parameters gives. */
  List<String> execute(String name) throws IOException {
    send('B', text(""), text(name), new byte[6]);
    send('E', text(""), new byte[4]);
    send('S');
    return answer();
  }

  /** What the server has told of a setting last. */
  String told(String setting) {
    return told.get(setting);
  }

  /** Sends a simple query, and nothing more. */
  void send(String sql) throws IOException {
    send('Q', text(sql));
  }

  @Override
  public void close() throws IOException {
    terminate();
  }

  /** Says goodbye, then waits until the server has closed the connection, too. */
  void terminate() throws IOException {
    if (socket.isClosed()) {
      return;
    }
    try (socket) {
      send('X');
      input.readAllBytes();
    }
  }

  /** Closes the connection without a word, as the end of a killed process does. */
  void vanish() throws IOException {
    socket.close();
  }

  private static byte[] text(String word) {
    return (word + "\0").getBytes(UTF_8);
  }

  private void send(char type, byte[]... parts) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      body.writeBytes(part);
    }
    output.write(type);
    output.writeInt(4 + body.size());
    output.write(body.toByteArray());
  }

  /** Reads up to ReadyForQuery. */
  private List<String> answer() throws IOException {
    List<String> rows = new ArrayList<>();
    String error = null;
    for (char type = 0; type != 'Z';) {
      type = (char) input.readByte();
      byte[] body = input.readNBytes(input.readInt() - 4);
      switch (type) {
        case 'D' -> rows.add(firstColumn(ByteBuffer.wrap(body)));
        case 'E' -> error = new String(body, UTF_8);
        case 'S' -> {
          String[] words = new String(body, UTF_8).split("\0", -1);
          told.put(words[0], words[1]);
        }
        default -> {} // says nothing that these tests ask
      }
      if (error != null && error.contains("SFATAL")) {
        break;
      }
    }
    if (error != null) {
      throw new Refusal(error.replaceAll("(?s).*\0M(.*?)\0.*", "$1"));
    }
    return rows;
  }

  private static String firstColumn(ByteBuffer row) {
    int length = row.getInt(2);
    return length < 0 ? null : UTF_8.decode(row.slice(6, length)).toString();
  }

  /** What the server has said of an error. */
  static final class Refusal extends IOException {

    private static final long serialVersionUID = 1;

    Refusal(String message) {
      super(message);
    }
  }
}
