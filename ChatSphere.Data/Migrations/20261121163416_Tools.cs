using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ChatSphere.Data.Migrations
{
    /// <inheritdoc />
    public partial class Tools : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "tool_calls_json",
                schema: "conversations",
                table: "messages",
                type: "text",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "tool_approvals",
                schema: "conversations",
                columns: table => new
                {
                    turn_id = table.Column<Guid>(type: "uuid", nullable: false),
                    call_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    conversation_id = table.Column<Guid>(type: "uuid", nullable: false),
                    tool_id = table.Column<Guid>(type: "uuid", nullable: false),
                    state = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    remembered = table.Column<bool>(type: "boolean", nullable: false),
                    asked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    decided_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tool_approvals", x => new { x.turn_id, x.call_id });
                    table.ForeignKey(
                        name: "fk_tool_approvals_turns_turn_id",
                        column: x => x.turn_id,
                        principalSchema: "conversations",
                        principalTable: "turns",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "tool_servers",
                schema: "bots",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    bot_id = table.Column<Guid>(type: "uuid", nullable: true),
                    name = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    address = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    command = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    arguments = table.Column<List<string>>(type: "text[]", nullable: false),
                    sealed_values = table.Column<byte[]>(type: "bytea", nullable: true),
                    value_names = table.Column<List<string>>(type: "text[]", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tool_servers", x => x.id);
                    table.ForeignKey(
                        name: "fk_tool_servers_bots_bot_id",
                        column: x => x.bot_id,
                        principalSchema: "bots",
                        principalTable: "bots",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "bot_tools",
                schema: "bots",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    bot_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    name = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    description = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: false),
                    enabled = table.Column<bool>(type: "boolean", nullable: false),
                    needs_approval = table.Column<bool>(type: "boolean", nullable: false),
                    has_effects = table.Column<bool>(type: "boolean", nullable: false),
                    schema = table.Column<string>(type: "text", nullable: false),
                    method = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: true),
                    url_template = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    sealed_headers = table.Column<byte[]>(type: "bytea", nullable: true),
                    header_names = table.Column<List<string>>(type: "text[]", nullable: false),
                    max_result_length = table.Column<int>(type: "integer", nullable: false),
                    server_id = table.Column<Guid>(type: "uuid", nullable: true),
                    remote_name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_bot_tools", x => x.id);
                    table.ForeignKey(
                        name: "fk_bot_tools_bots_bot_id",
                        column: x => x.bot_id,
                        principalSchema: "bots",
                        principalTable: "bots",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_bot_tools_tool_servers_server_id",
                        column: x => x.server_id,
                        principalSchema: "bots",
                        principalTable: "tool_servers",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_bot_tools_bot_id_name",
                schema: "bots",
                table: "bot_tools",
                columns: new[] { "bot_id", "name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_bot_tools_server_id",
                schema: "bots",
                table: "bot_tools",
                column: "server_id");

            migrationBuilder.CreateIndex(
                name: "ix_tool_approvals_conversation_id_tool_id",
                schema: "conversations",
                table: "tool_approvals",
                columns: new[] { "conversation_id", "tool_id" },
                filter: "remembered");

            migrationBuilder.CreateIndex(
                name: "ix_tool_servers_bot_id",
                schema: "bots",
                table: "tool_servers",
                column: "bot_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // Forward only: see docs/architecture.md.
            throw new System.NotSupportedException("Migrations go forward only.");
        }
    }
}
