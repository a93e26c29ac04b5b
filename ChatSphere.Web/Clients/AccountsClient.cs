using ChatSphere.Contracts.Accounts;

namespace ChatSphere.Web.Clients;

public sealed partial class AccountsClient(ApiCalls api, ApiTransport transport)
{
    /// <summary>Accepted: the e-mail has to be confirmed, or there is an account with it already; its owner gets a mail.</summary>
    public Task<ApiResult<Nothing>> RegisterAsync(RegisterRequest request) => api.PostAnonymouslyAsync<Nothing>("v1/accounts/register", request);

    public Task<ApiResult<TokenResponse>> SignInAsync(SignInRequest request) => api.PostAnonymouslyAsync<TokenResponse>("v1/accounts/sign-in", request);

    /// <summary>Who a token that no session holds yet belongs to.</summary>
    public Task<ApiResult<AccountResponse>> MeAsync(string accessToken) => transport.SendAsync<AccountResponse>(
        null, () => new(HttpMethod.Get, ApiCalls.Address("v1/accounts/me")) { Headers = { Authorization = new("Bearer", accessToken) } }, CancellationToken.None);
}
