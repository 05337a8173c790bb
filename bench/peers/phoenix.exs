# elixir phoenix.exs PORT: the 2018 article's server on a real Phoenix. Its Presence counts metas of users and viewers,
# and a channel pushes the state before it tracks itself. The first run downloads and compiles the libraries.
Mix.install([{:phoenix, "~> 1.7"}, {:bandit, "~> 1.5"}, {:jason, "~> 1.4"}])

[port] = System.argv()
Logger.configure(level: :warning)
Application.put_env(:phoenix, :json_library, Jason)

Application.put_env(:article, Article.Endpoint,
  adapter: Bandit.PhoenixAdapter,
  http: [ip: {127, 0, 0, 1}, port: String.to_integer(port)],
  server: true,
  check_origin: false,
  pubsub_server: Article.PubSub,
  secret_key_base: String.duplicate("a", 64)
)

defmodule Article.Presence do
  use Phoenix.Presence, otp_app: :article, pubsub_server: Article.PubSub

  def fetch(_topic, entries), do: Map.new(["users", "viewers"], &{&1, %{count: count(entries[&1])}})

  defp count(nil), do: 0
  defp count(%{metas: metas}), do: length(metas)
end

defmodule Article.Channel do
  use Phoenix.Channel

  def join(_topic, _params, socket) do
    send(self(), :after_join)
    {:ok, socket}
  end

  def handle_info(:after_join, socket) do
    push(socket, "presence_state", Article.Presence.list(socket))
    group = if socket.assigns.user, do: "users", else: "viewers"
    {:ok, _} = Article.Presence.track(socket, group, %{})
    {:noreply, socket}
  end
end

defmodule Article.Socket do
  use Phoenix.Socket
  channel "*", Article.Channel

  def connect(params, socket, _info), do: {:ok, assign(socket, :user, params["user_id"])}
  def id(_socket), do: nil
end

defmodule Article.Endpoint do
  use Phoenix.Endpoint, otp_app: :article
  socket "/socket", Article.Socket, websocket: true, longpoll: false
end

children = [{Phoenix.PubSub, name: Article.PubSub}, Article.Presence, Article.Endpoint]
{:ok, _} = Supervisor.start_link(children, strategy: :one_for_one)
IO.puts("ready")
Process.sleep(:infinity)
